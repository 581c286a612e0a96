"""The API: its addresses, pages of lists, problem documents and schema."""

"""The push process: tells open pages that something changed, over Server-Sent Events. It knows no database."""

"""Interactions: queue, routing, desk. The app label is chat_sessions."""

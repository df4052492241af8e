"""Keeping the record itself: anchors, backups, archives, restores, retention, review of its events."""

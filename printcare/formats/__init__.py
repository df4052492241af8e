"""Text and files in, domain objects out; and documents out."""

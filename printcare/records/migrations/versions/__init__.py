"""One module per released schema, never edited once released."""

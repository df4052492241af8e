"""The use cases, one folder a concern; what each of them asks first (`authority`, `states`, `mode`) stands here."""

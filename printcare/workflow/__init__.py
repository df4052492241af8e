"""The use cases, one folder a concern; what every one of them asks first (`authority`, `states`, `mode`) stands here."""

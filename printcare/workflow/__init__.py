"""The use cases: receive, plan, prepare, produce, review, release, reject."""

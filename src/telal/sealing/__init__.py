"""Personal data at rest: phone numbers and texts are kept sealed, and found by a keyed hash. Knows nobody else of ours."""

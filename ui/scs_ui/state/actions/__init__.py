"""Actions: pure functions from Session to Session, one module per subject. Errors are sentences for the user."""

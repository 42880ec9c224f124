"""What the app knows, without Qt: the session a user edits, actions on it, what the engine answers, looks of panels."""

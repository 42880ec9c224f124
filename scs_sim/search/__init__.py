"""Search: the best programs for a case: space -> screen -> refine -> judge -> front and suggestions with reasons."""

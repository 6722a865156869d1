"""Who is on duty, and whom an unaccepted card reaches after how many seconds."""

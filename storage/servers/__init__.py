"""Programs that run beside ours: started, watched and never left behind."""

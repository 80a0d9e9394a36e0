"""The sources: whatever articles come from, read into what comes in. Nothing here is trusted."""

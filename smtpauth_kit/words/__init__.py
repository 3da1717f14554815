"""What people read: languages, numbers and days as they write them, inert text."""

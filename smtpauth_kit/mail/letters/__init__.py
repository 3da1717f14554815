"""Letters to owners of senders: a draft each, filled into a template that anybody can replace."""

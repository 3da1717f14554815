"""Words that all rooms share: names, facts, filters, conditions, sentences, errors."""

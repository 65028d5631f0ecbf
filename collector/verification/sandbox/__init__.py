"""Places where a model's code can be run and do no harm, one file a tier."""

"""The teacher's side: build labs, take in what students hand in, judge it, keep the marks."""

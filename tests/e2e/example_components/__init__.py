"""The example components and other programs as processes, for every test that runs them."""

"""Stories: what editors do with them, from first words or import to withdrawal."""

LC_ALL=C TZ=UTC zpool status -j --json-int --json-flat-vdevs tank wide

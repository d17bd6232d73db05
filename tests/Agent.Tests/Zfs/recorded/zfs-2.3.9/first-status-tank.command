LC_ALL=C TZ=UTC zpool status -p -P tank

LC_ALL=C TZ=UTC zfs destroy -p -v tank/nosuch@a

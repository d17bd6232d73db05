LC_ALL=C TZ=UTC zfs destroy -n -p -v tank/many@nosuch

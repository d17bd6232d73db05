LC_ALL=C TZ=UTC zfs holds -H tank/data@nosuch

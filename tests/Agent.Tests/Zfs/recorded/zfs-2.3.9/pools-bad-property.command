LC_ALL=C TZ=UTC zpool list -H -p -o name,nosuch

LC_ALL=C TZ=UTC zfs list -H -p -o name,nosuch

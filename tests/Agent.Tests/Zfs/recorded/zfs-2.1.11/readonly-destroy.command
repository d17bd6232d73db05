LC_ALL=C TZ=UTC zfs destroy -p -v 'old pool@nosuch'

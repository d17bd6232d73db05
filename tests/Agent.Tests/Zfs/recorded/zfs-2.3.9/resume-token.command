LC_ALL=C TZ=UTC zfs get -H -p -o name,property,value receive_resume_token tank/copy

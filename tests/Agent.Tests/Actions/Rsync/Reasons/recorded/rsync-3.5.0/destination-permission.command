LC_ALL=C setpriv --reuid 65534 --regid 65534 --clear-groups rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 -- /srv/small/ /srv/dst/up/

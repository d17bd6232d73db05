LC_ALL=C rsync -a --no-such-option -- /srv/small/ /srv/dst/

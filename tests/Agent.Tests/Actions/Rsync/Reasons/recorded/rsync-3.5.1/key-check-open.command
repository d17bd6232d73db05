LC_ALL=C ssh-keygen -y -P '' -f /home/root/.ssh/open

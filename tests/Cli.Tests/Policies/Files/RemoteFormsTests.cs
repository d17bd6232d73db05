using Fleet.Cli.Actions;

namespace Fleet.Cli.Tests.Policies.Files;

public sealed class RemoteFormsTests
{
    [Theory]
    [InlineData("root@web1:/srv/a", "{path: /srv/a, ssh: {host: web1, user: root}}")]
    [InlineData("web1:/srv/a", "{path: /srv/a, ssh: {host: web1}}")]
    [InlineData("web1.example.org:data", "{path: data, ssh: {host: web1.example.org}}")]
    [InlineData("root@[fd00::1]:/a b", "{path: '/a b', ssh: {host: 'fd00::1', user: root}}")]
    [InlineData("ssh://root@web1:2222/srv", "{path: /srv, ssh: {host: web1, user: root, port: 2222}}")]
    [InlineData("rsync://nas/backup", "{daemon: {host: nas, module: backup}}")]
    [InlineData("rsync://u@nas:8873/backup/web1/", "{path: web1, daemon: {host: nas, port: 8873, module: backup, user: u}}")]
    [InlineData("u@nas::backup/it's", "{path: 'it''s', daemon: {host: nas, module: backup, user: u}}")]
    [InlineData("/srv/a:b@c", null)]
    [InlineData("relative/path", null)]
    [InlineData("relative/with:colon", null)]
    [InlineData("", null)]
    public void OfPath_FormsOfRsync_ShowTheMapping(string text, string? mapping) => Assert.Equal(mapping, RemoteForms.OfPath(text));

    [Theory]
    [InlineData("root@nas:tank/data", "{dataset: tank/data, ssh: {host: nas, user: root}}")]
    [InlineData("nas:tank/data", "{dataset: tank/data, ssh: {host: nas}}")]
    [InlineData("tank/data", null)]
    [InlineData("tank/data:x", null)]
    public void OfDataset_FormsOfSsh_ShowTheMapping(string text, string? mapping) => Assert.Equal(mapping, RemoteForms.OfDataset(text));

    [Theory]
    [InlineData("root@web1", "{host: web1, user: root}")]
    [InlineData("web1:2222", "{host: web1, port: 2222}")]
    [InlineData("ssh://root@web1:2222", "{host: web1, user: root, port: 2222}")]
    [InlineData("web1", null)]
    [InlineData("fd00::1", null)]
    public void OfHost_MoreThanAHost_IsTakenApart(string text, string? mapping) => Assert.Equal(mapping, RemoteForms.OfHost(text));
}

using System.Runtime.InteropServices;
using Fleet.Coordinator.Configuration;
using Fleet.Yaml;

namespace Fleet.Coordinator.Hosting;

/// <summary>Reads the configuration again on SIGHUP. A file with problems changes nothing.</summary>
internal sealed partial class Reloader(ConfigurationLocation path, LiveOptions live, SystemdNotifier systemd, ILogger<Reloader> log)
    : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _registration?.Dispose();

    internal void Reload()
    {
        var problems = new YamlProblems();
        try
        {
            var options = File.Exists(path.Path)
                ? CoordinatorFile.Parse(File.ReadAllText(path.Path), path.Path, problems)
                : new CoordinatorOptions();
            if (!problems.Any)
            {
                live.Current = options.Reloadable;
                Reloaded(log, path.Path);
                systemd.Send("STATUS=serving");
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add(path.Path, 0, 0, "", exception.Message);
        }

        var text = problems.ToString();
        NotReloaded(log, path.Path, text);
        systemd.Send("STATUS=serving; the changed configuration was refused, see the journal");
    }
}

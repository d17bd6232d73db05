using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Fleet.LoadGenerator;

/// <summary>
/// Prometheus, scraping as many targets and series as the simulated agents send, at the same interval. The targets are paths of one server
/// in this process. Without TLS, as it is usually run.
/// </summary>
internal sealed class PrometheusPeer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;
    private readonly HttpListener _targets;
    private readonly Task _serving;
    private long _scrapes;

    private PrometheusPeer(Process process, string directory, HttpListener targets, int series)
    {
        _process = process;
        _directory = directory;
        _targets = targets;
        _serving = Task.Run(() => ServeAsync(series));
    }

    /// <summary>Answers that the targets have given so far.</summary>
    public long Scrapes => Interlocked.Read(ref _scrapes);

    public static async Task<PrometheusPeer> StartAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("fleet-load-prometheus-").FullName;
        var port = CoordinatorProcess.FreePort();
        var targets = new HttpListener { Prefixes = { string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/") } };
        targets.Start();
        var jobs = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $$"""
            global: {scrape_interval: {{options.IntervalSeconds}}s, scrape_timeout: {{options.IntervalSeconds}}s}
            scrape_configs:
            - job_name: load
              relabel_configs: [{source_labels: [path], target_label: __metrics_path__}]
              static_configs:

            """));
        for (var i = 0; i < options.Agents; i++)
        {
            jobs.Append(
                CultureInfo.InvariantCulture,
                $"  - {{targets: ['127.0.0.1:{port}'], labels: {{path: /{i}, instance: load-{i:D4}}}}}\n");
        }

        var configuration = Path.Join(directory, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, jobs.ToString(), cancellationToken);
        var start = new ProcessStartInfo(
            options.Prometheus!,
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={directory}/data", "--log.level=warn",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{CoordinatorProcess.FreePort()}"),
            ]);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{options.Prometheus} did not start");
        return new PrometheusPeer(process, directory, targets, options.Series);
    }

    /// <summary>User and system CPU time that it has used so far.</summary>
    public TimeSpan CpuTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _targets.Stop();
        await _serving;
        _targets.Close();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ServeAsync(int series)
    {
        var random = new Random(1);
        var text = new StringBuilder();
        while (true)
        {
            try
            {
                var context = await _targets.GetContextAsync();
                text.Clear();
                for (var i = 0; i < series; i++)
                {
                    text.Append(CultureInfo.InvariantCulture, $"load_measured{{number=\"{i}\"}} {random.NextDouble() * 1000}\n");
                }

                context.Response.ContentType = "text/plain; version=0.0.4";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()));
                context.Response.Close();
                Interlocked.Increment(ref _scrapes);
            }
            catch (Exception) when (!_targets.IsListening)
            {
                return;
            }
            catch (HttpListenerException)
            {
                // This scrape was given up.
            }
        }
    }
}

using System.Text;
using Fleet.Cli.CommandLine;
using Fleet.Cli.ProcessEnvironment;

namespace Fleet.Cli.Tests.Scripted;

/// <summary>A place to run <c>fleet</c> in: a home directory, variables, an input, and a terminal or none.</summary>
public sealed class Terminal : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public string Home { get; } = Directory.CreateTempSubdirectory("fleet-cli-test-").FullName;

    public Dictionary<string, string> Variables { get; } = [];

    public string Input { get; set; } = "";

    public bool IsTerminal { get; set; }

    /// <summary>What was pressed and not read yet.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<char> Keys { get; } = [];

    public int Width { get; set; } = 80;

    public int Height { get; set; } = 24;

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>Puts the credential where it is looked for in the home directory.</summary>
    public Terminal With(ScriptedCoordinator coordinator, string token = ScriptedCoordinator.Token)
    {
        WriteFile(".config/fleet/credential.json", coordinator.CredentialFile(token));
        return this;
    }

    public string WriteFile(string name, byte[] content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(Home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    public string WriteFile(string name, string content) => WriteFile(name, Encoding.UTF8.GetBytes(content));

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken cancellation, params string[] arguments) =>
        FleetCommandLine.RunAsync(arguments, Environment(), cancellation);

    internal CliEnvironment Environment() => new()
    {
        Output = TextWriter.Synchronized(new LockedWriter(_output)),
        Error = TextWriter.Synchronized(new LockedWriter(_error)),
        OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(Input)),
        Variable = name => Variables.GetValueOrDefault(name),
        HomeDirectory = Home,
        AdminCredentialFile = Path.Combine(Home, "admin-credential.json"),
        OutputIsTerminal = IsTerminal,
        InputIsTerminal = IsTerminal,
        PressedKey = () => Keys.TryDequeue(out var key) ? key : null,
        Width = Width,
        Height = Height,
        Time = Time,
        Random = new Random(1),
    };

    /// <summary>Waits until something has been printed.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!Output.Contains(text, StringComparison.Ordinal) && !Error.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(timeout.IsCancellationRequested, $"'{text}' was not printed:\n{Output}\n{Error}");
            await Task.Yield();
        }
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);

    private sealed class LockedWriter(StringBuilder text) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (text)
            {
                text.Append(value);
            }
        }

        public override void Write(string? value)
        {
            lock (text)
            {
                text.Append(value);
            }
        }
    }
}

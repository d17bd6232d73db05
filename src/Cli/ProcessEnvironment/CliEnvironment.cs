using System.Text;

namespace Fleet.Cli.ProcessEnvironment;

/// <summary>Everything outside the process that a command sees, so that tests can replace it.</summary>
internal sealed record CliEnvironment
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public required string HomeDirectory { get; init; }

    /// <summary>Where a coordinator on this machine puts the first admin's credential.</summary>
    public string AdminCredentialFile { get; init; } = "/var/lib/fleet-coordinator/admin-credential.json";

    public bool OutputIsTerminal { get; init; }

    public bool InputIsTerminal { get; init; }

    /// <summary>Width of the terminal, in columns.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Height of the terminal, in rows.</summary>
    public int Height { get; init; } = 24;

    /// <summary>
    /// The next unread key press; null if there is none. Call it only if the input is a terminal.
    /// </summary>
    public Func<char?> PressedKey { get; init; } = static () => null;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;

    /// <summary>Whether to use colour: on a capable terminal, unless NO_COLOR (no-color.org) is set.</summary>
    public bool Colour => OutputIsTerminal && Variable("TERM") is not (null or "" or "dumb") && string.IsNullOrEmpty(Variable("NO_COLOR"));

    /// <summary>Whether lines can be redrawn in place: on a capable terminal, with or without colour.</summary>
    public bool Redraws => OutputIsTerminal && Variable("TERM") is not (null or "" or "dumb");

    public static CliEnvironment OfThisProcess()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var (width, height) = Console.IsOutputRedirected ? (80, 24) : (Console.WindowWidth, Console.WindowHeight);
        return new CliEnvironment
        {
            Output = Console.Out,
            Error = Console.Error,
            OpenInput = Console.OpenStandardInput,
            Variable = Environment.GetEnvironmentVariable,
            HomeDirectory = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            OutputIsTerminal = !Console.IsOutputRedirected,
            InputIsTerminal = !Console.IsInputRedirected,
            PressedKey = static () => Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null,
            Width = width > 0 ? width : 80,
            Height = height > 0 ? height : 24,
        };
    }
}

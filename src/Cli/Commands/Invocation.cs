using System.CommandLine;
using Fleet.Cli.Connection;
using Fleet.Cli.Naming;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.ProcessEnvironment;

namespace Fleet.Cli.Commands;

/// <summary>One command being carried out.</summary>
internal sealed class Invocation(
    CliEnvironment environment, ParseResult parsed, GlobalOptions options, Names names, CancellationToken cancellation) : IDisposable
{
    private FleetConnection? _connection;

    public CliEnvironment Environment => environment;

    public ParseResult Parsed => parsed;

    public CancellationToken Cancellation => cancellation;

    public bool Json { get; } = parsed.GetValue(options.Json);

    public TimeSpan Timeout { get; } = parsed.GetValue(options.Timeout) ?? GlobalOptions.DefaultTimeout;

    public Printer Out { get; } = new(environment);

    public DateTimeOffset Now => environment.Time.GetUtcNow();

    /// <summary>Set only in commands that were made with a connection, or after <see cref="Connect"/>.</summary>
    public FleetConnection Connection => _connection ?? throw new InvalidOperationException("The command was made without a connection.");

    /// <summary>Finds what was probably meant by a name that the coordinator does not know. Needs the connection.</summary>
    public NearNames NearNames => new(Connection, parsed, names.Kinds);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    /// <returns>Why there is no connection; null if there is one.</returns>
    public CliFailure? Connect()
    {
        var opened = FleetConnection.Open(
            environment, parsed.GetValue(options.Credential), parsed.GetValue(options.Address), Timeout, cancellation);
        if (opened.Value is { } connection)
        {
            _connection = connection;
            if (connection.Credential.Warning.Length > 0)
            {
                Out.Note(connection.Credential.Warning);
            }
        }

        return opened.Failure;
    }

    /// <summary>Prints what went wrong and returns the exit code for it.</summary>
    public int Fail(CliFailure failure)
    {
        Out.Failure(failure);
        return failure.ExitCode;
    }

    public void Dispose() => _connection?.Dispose();
}

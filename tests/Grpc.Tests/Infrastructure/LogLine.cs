using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>One logged line.</summary>
internal sealed record LogLine(string Category, LogLevel Level, string? EventName, string Message, Exception? Exception);

namespace Fleet.Grpc.Tests.Interop;

/// <summary>What a server's implementation lets its handlers do, where the contract asks for more than all of them can.</summary>
/// <param name="SeesRequestCompression">Whether a handler can find out that a request came uncompressed, and so refuse it.</param>
/// <param name="CompressesResponses">Whether the implementation can compress a response at all.</param>
public sealed record ServerAbilities(bool SeesRequestCompression, bool CompressesResponses)
{
    public static readonly ServerAbilities All = new(true, true);
}

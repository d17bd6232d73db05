using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>Judges a peer's certificate; true accepts it.</summary>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "Name of the public gRPC API.")]
public delegate bool VerifyPeerCallback(VerifyPeerContext context);

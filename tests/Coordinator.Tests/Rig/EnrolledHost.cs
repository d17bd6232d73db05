using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>What a host has after its enrolment.</summary>
internal sealed record EnrolledHost(string HostId, string Name, X509Certificate2 Certificate, ECDsa Key);

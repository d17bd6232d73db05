using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>An enrolled host whose agent does exactly what a test says.</summary>
internal sealed class ScriptedAgent
{
    private readonly TestCoordinator _coordinator;

    private ScriptedAgent(TestCoordinator coordinator, string hostId, string name, X509Certificate2 certificate)
    {
        _coordinator = coordinator;
        HostId = hostId;
        Name = name;
        Certificate = certificate;
    }

    public string HostId { get; }

    public string Name { get; }

    public X509Certificate2 Certificate { get; }

    /// <summary>As on the agent's disk.</summary>
    public string OutboxId { get; set; } = Guid.NewGuid().ToString("N");

    public long Sequence { get; set; }

    public string PreviousSessionId { get; set; } = "";

    public static async Task<ScriptedAgent> EnrolAsync(TestCoordinator coordinator, string name, params (string Key, string Value)[] labels)
    {
        var token = await coordinator.AdminService.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString() });
        return await EnrolAsync(coordinator, name, token, labels);
    }

    /// <summary>With a token that was made before.</summary>
    public static async Task<ScriptedAgent> EnrolAsync(
        TestCoordinator coordinator, string name, CreateJoinTokenResponse token, params (string Key, string Value)[] labels)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Requests.Enrol(Requests.TokenToSend(token), name, key);
        request.Facts = new HostFacts { MachineIdHash = new string('a', 64) };
        foreach (var (label, value) in labels)
        {
            request.Labels.Add(label, value);
        }

        var answer = await new AgentService.AgentServiceClient(coordinator.Connect()).EnrollAsync(request);
        using var withKey = Requests.WithKey(answer.CertificatePem, key);
        return new ScriptedAgent(
            coordinator, answer.HostId, name, X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null));
    }

    /// <summary>Says hello and reads the welcome.</summary>
    public async Task<ScriptedSession> OpenAsync(Action<Hello>? change = null)
    {
        var session = Start(change);
        await session.WelcomeAsync();
        PreviousSessionId = session.Welcome.SessionId;
        return session;
    }

    /// <summary>Says hello; what comes back is the test's business.</summary>
    public ScriptedSession Start(Action<Hello>? change = null)
    {
        var hello = new Hello
        {
            ProtocolRevision = 1,
            AgentVersion = "0.0-test",
            HostName = Name,
            BootId = "boot-1",
            InstanceId = $"instance-{HostId}",
            SentAt = Timestamp.FromDateTimeOffset(((TimeProvider)_coordinator.Services.GetService(typeof(TimeProvider))!).GetUtcNow()),
            Facts = new HostFacts { MachineIdHash = new string('a', 64) },
            OutboxLastSequence = Sequence,
            PreviousSessionId = PreviousSessionId,
        };
        change?.Invoke(hello);
        return new ScriptedSession(this, new AgentService.AgentServiceClient(_coordinator.Connect(Certificate)), hello);
    }

    public OutboxEntry Entry(RunStarted started) => Next(entry => entry.RunStarted = started);

    public OutboxEntry Entry(RunFinished finished) => Next(entry => entry.RunFinished = finished);

    public OutboxEntry Entry(AgentNotice notice) => Next(entry => entry.Notice = notice);

    private OutboxEntry Next(Action<OutboxEntry> fill)
    {
        var entry = new OutboxEntry { Sequence = ++Sequence, OutboxId = OutboxId };
        fill(entry);
        return entry;
    }
}

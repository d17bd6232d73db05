using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Edge;
using Fleet.Agent.Runs;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests;

/// <summary>Ids of runs that tests know by a short name, and orders for them.</summary>
internal static class RunIds
{
    /// <summary>The same for the same name; an id stays as it is.</summary>
    public static RunId Of(string name) =>
        RunId.TryRead(name) ?? RunId.Parse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)));

    /// <summary>As it comes in from the coordinator.</summary>
    public static void Submit(this RunManager runs, RunCommand command)
    {
        switch (RunOrder.Read(command, out var problem))
        {
            case RunOrder order:
                runs.Submit(order);
                break;
            case RefusedOrder refused:
                runs.Refuse(refused);
                break;
            default:
                throw new ArgumentException(problem, nameof(command));
        }
    }

    public static RunOrder Order(Protocol.V1.Action action) =>
        (RunOrder)RunOrder.Read(new RunCommand { RunId = Guid.NewGuid().ToString("N"), Attempt = 1, Action = action }, out _)!;

    public static void Cancel(this RunManager runs, string name, string reason) => runs.Cancel(Of(name), reason);
}

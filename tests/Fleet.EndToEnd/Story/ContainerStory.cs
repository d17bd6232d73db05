using Fleet.EndToEnd.Machines;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

/// <summary>
/// A machine that allows no namespaces, as an unprivileged LXC container without nesting is one: there unit options that
/// need namespaces end in "226/NAMESPACE".
/// </summary>
public sealed class ContainerStory(Estate estate)
{
    [Fact]
    public async Task Install_NoNamespaces_DropInIsChosenAndTheCoordinatorRuns()
    {
        var machine = await estate.BootAsync("container", 20, "--system-call-filter=~unshare");
        await estate.InstallAsync(machine, "fleet-coordinator");
        await Eventually.HoldsAsync("the coordinator is active", TimeSpan.FromSeconds(60),
            async () => (await machine.RunAsync("systemctl", "show", "--value", "-p", "ActiveState", "fleet-coordinator")).Text == "active",
            () => machine.JournalAsync("fleet-coordinator"));
        await machine.RunAsync("test", "-e", "/etc/systemd/system/fleet-coordinator.service.d/50-no-namespaces.conf");
        await machine.RunAsync("dpkg", "--purge", "fleet-coordinator");
        await machine.RunAsync("test", "!", "-e", "/etc/systemd/system/fleet-coordinator.service.d");
    }
}

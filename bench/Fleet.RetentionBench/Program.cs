using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.RetentionBench;
using Fleet.Schedules.Retention;

// Figures for retention planning: time and allocated memory of one plan. Nothing is asserted.
Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
    + $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");

var thinned = new KeepRules { Last = 10, Hourly = 24, Daily = 30, Weekly = 8, Monthly = 12, Yearly = 5, Within = TimeSpan.FromDays(2) };
var everything = new KeepRules { Hourly = KeepRules.All, Daily = KeepRules.All, Monthly = KeepRules.All };
(string Name, KeepRules Keep, string Zone)[] policies =
[
    ("most are destroyed, UTC", thinned, "UTC"),
    ("most are destroyed, Europe/Berlin", thinned, "Europe/Berlin"),
    ("all are kept, Europe/Berlin", everything, "Europe/Berlin"),
];

foreach (var (name, keep, zone) in policies)
{
    Console.WriteLine($"\n{name}:");
    foreach (var count in new[] { 1_000, 10_000, 100_000 })
    {
        foreach (var isShuffled in new[] { false, true })
        {
            var plan = new PlanMeasurement(keep, TimeZoneInfo.FindSystemTimeZoneById(zone), count, isShuffled).Run(rounds: 15);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{count,9:N0} {(isShuffled ? "shuffled" : "in order"),-9} least {plan.Least.TotalMilliseconds,6:N2} ms, median {plan.Wall.TotalMilliseconds,6:N2} ms, "
                + $"CPU {plan.Cpu.TotalMilliseconds,6:N2} ms, {plan.AllocatedBytes / 1024.0 / 1024.0,6:N2} MiB allocated, {plan.Kept,7:N0} kept"));
        }
    }
}

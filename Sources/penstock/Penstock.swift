import ArgumentParser

@main
struct Penstock: ParsableCommand {
}

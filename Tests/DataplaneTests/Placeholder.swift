import Testing
@testable import Dataplane

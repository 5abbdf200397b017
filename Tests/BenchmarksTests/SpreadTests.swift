import Benchmarks
import Testing

struct SpreadTests {
  @Test func oddNumbersHaveAMiddle() {
    #expect(Spread([5, 1, 9]) == Spread(min: 1, median: 5, max: 9))
  }

  @Test func evenNumbersHaveTheMeanOfTheTwoInTheMiddle() {
    #expect(Spread([8, 1, 9, 4]) == Spread(min: 1, median: 6, max: 9))
  }

  @Test func nothingHasNoSpread() {
    #expect(Spread([]) == nil)
  }

  @Test func theLeastTimeIsTheMostRate() {
    #expect(Spread(min: 20, median: 25, max: 50).inverted(scale: 1000) == Spread(min: 20, median: 40, max: 50))
  }

  @Test func widthIsAPartOfTheMedian() {
    #expect(Spread(min: 20, median: 25, max: 30).width == 0.4)
  }
}
